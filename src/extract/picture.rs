//! Which picture an `<img>` shows.

use scraper::ElementRef;
use url::Url;

use super::dom::attr;

/// Attributes that hold the address of an image that a script loads, the larger picture first.
const LAZY: &[&str] = &[
    "zoomfile",
    "file",
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-actualsrc",
    "data-echo",
    "data-url",
    "data-original-src",
];
/// Sides of a picture that only counts readers, at most, in pixels.
const PIXEL_MAX: u32 = 2;
/// Files that stand in for a picture until a script loads it.
const PLACEHOLDERS: &[&str] =
    &["none.gif", "blank.gif", "blank.png", "spacer.gif", "loading.gif", "grey.gif", "pixel.gif", "transparent.gif"];

/// The address of the picture that `img` shows, or would once its scripts ran; `None` for counters and placeholders.
pub(super) fn address(img: ElementRef<'_>, base: &Url) -> Option<Url> {
    let attr = |name: &str| attr(img, name);
    let style = attr("style").unwrap_or_default().replace(' ', "");
    let side = |name: &str| {
        let styled =
            style.split(';').find_map(|s| s.strip_prefix(name)?.strip_prefix(':')?.strip_suffix("px")?.parse().ok());
        attr(name).and_then(|v| v.trim().trim_end_matches("px").parse().ok()).or(styled)
    };
    if side("width").is_some_and(|w: u32| w <= PIXEL_MAX) || side("height").is_some_and(|h: u32| h <= PIXEL_MAX) {
        return None;
    }
    let of_set = ["srcset", "data-srcset"]
        .iter()
        .find_map(|a| attr(a))
        .and_then(|s| s.split([',', ' ']).find(|u| !u.is_empty()));
    let candidates = LAZY.iter().filter_map(|a| attr(a)).chain(attr("src")).chain(of_set);
    candidates.map(str::trim).filter(|u| u.contains(['.', '/']) && !u.contains(char::is_whitespace)).find_map(|u| {
        let url = base.join(u).ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
        let file = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        (!PLACEHOLDERS.contains(&file.as_str())).then_some(url)
    })
}

#[cfg(test)]
mod tests {
    use super::super::dom;

    fn address(img: &str) -> Option<String> {
        let doc = dom::fragment(img);
        let base = "https://a.example/dir/page".parse().unwrap();
        super::address(*dom::select(&doc, "img").first()?, &base).map(|u| u.to_string())
    }

    #[test]
    fn the_lazy_address_comes_before_the_placeholder() {
        for img in [
            "<img src=/b.jpg>",
            "<img src=/static/none.gif file=/s.jpg zoomfile=/b.jpg>",
            "<img src=loading.gif data-src=/b.jpg>",
            "<img src='data:image/gif;base64,R0lG' data-original=https://a.example/b.jpg>",
            "<img srcset='/b.jpg 1x, /c.jpg 2x'>",
        ] {
            assert_eq!(address(img).as_deref(), Some("https://a.example/b.jpg"), "{img}");
        }
    }

    #[test]
    fn counters_and_placeholders_are_no_pictures() {
        for img in [
            "<img src=/c.gif width=1 height=1>",
            "<img src=/c.gif style='width: 1px'>",
            "<img src=none.gif>",
            "<img>",
            "<img src=data:,x/y>",
        ] {
            assert_eq!(address(img), None, "{img}");
        }
    }
}
