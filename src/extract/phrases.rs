//! Wordings of lines that stand among an article's but are none of it. All in lower case.

/// Openings of links to other articles, and of headings over such.
pub(super) const LEADS: &[&str] = &[
    "read more", "read also", "read next", "read:", "also read", "see also", "see more", "more:", "more on", "more from", "related",
    "don't miss", "don’t miss", "watch:", "recommended", "also on", "click here", "you may also like", "you might also like",
    "keep reading", "learn more", "find out more", "top stories", "most read", "trending", "listen:", "download:", "in pics", "in pictures",
    "相关阅读", "相關閱讀", "相关新闻", "相關新聞", "相关报道", "相關報導", "相关文章", "相關文章", "相关推荐", "延伸阅读", "延伸閱讀",
    "推荐阅读", "推薦閱讀", "点击进入", "點擊進入", "点击查看", "更多阅读", "更多内容", "更多閱讀", "看更多", "阅读更多", "閱讀更多",
];
/// Openings of whole lines that speak of the page, its rights or its pictures.
pub(super) const STARTERS: &[&str] = &[
    "advertisement", "advert ", "story continues below", "article continues", "continue reading below", "sharing is caring",
    "share this", "share on", "like this story", "like this article", "enjoyed this article", "tell us what you think", "post comment", "leave a comment",
    "first published", "last updated", "last modified", "published:", "updated:", "click here to get", "click here for", "file photo", "photo:", "photos:", "photo by", "photo credit",
    "image:", "image credit", "image source", "picture:", "credit:", "photograph by", "photograph:", "©", "copyright ©", "copyright 20", "all rights reserved",
    "this document is subject to copyright", "this material may not be", "reporting by ", "sign up for our", "sign up for the", "sign up to ", "subscribe to ", "follow us",
    "get the latest", "get breaking news", "want more ", "write to ", "download our app", "print article", "text size", "order reprints",
    "图片来源", "圖片來源", "图源", "責任編輯", "责任编辑", "自动播放", "扫描下方", "扫码关注", "转载请注明", "轉載請註明", "未经授权", "未經授權",
    "原标题", "原標題",
];
/// Words of appeals, of which a line that has two is one.
pub(super) const APPEALS: &[&str] = &[
    "newsletter", "sign up", "subscribe", "inbox", "app store", "google play",
    "follow us", "on twitter", "on facebook", "on instagram", "your email", "delivered", "latest news", "breaking news", "every morning",
    "关注", "微信", "扫描", "二维码", "公众号", "订阅", "下载", "客户端", "關注", "掃描", "訂閱", "下載",
];
/// What the ends of captions say of pictures.
pub(super) const CREDITS: &[&str] = &[
    "getty", "(ap photo", "reuters/", "credit:", "shutterstock", "istock", "(image", "[file", "file photo", "courtesy of", "photo by", "photo:",
    "photo/", "/afp", "/ap", "/ ap", "/reuters", "/epa", "ap file", "via ap", "via reuters", "(photo", "photo credit",
];
/// Openings of lines after which there is nothing of the article.
pub(super) const ENDINGS: &[&str] = &[
    "related articles", "related stories", "related posts", "related news", "related content", "more from", "more great", "more stories", "more news", "top stories", "most read",
    "most popular", "you may also like", "you might also like", "recommended for you", "read next", "up next on", "trending", "subscribe to", "sign up for",
    "about the author", "leave a reply", "leave a comment", "post a comment", "comments", "sharing is caring", "something to consider", "follow us", "the end",
    "相关推荐", "相關推薦", "热点推荐", "为您推荐", "為您推薦", "猜你喜欢", "相关阅读", "相關閱讀", "相关新闻", "相關新聞", "相关文章", "相關文章", "延伸阅读", "延伸閱讀",
    "推荐阅读", "推薦閱讀", "热门推荐", "热门文章", "熱門文章", "特别声明", "特別聲明", "免责声明", "免責聲明", "版权声明", "版權聲明", "转载请注明", "轉載請註明",
    "网友评论", "網友評論", "最新评论", "文章关键词", "关键词", "更多新闻", "更多新聞", "责任编辑", "責任編輯", "责编", "原文链接", "举报",
];
