-- The tokens of each article, by which a search finds candidates; without order, the article's number as the row's.
-- `ascii` takes every character beyond ASCII as part of a token: what a token is was decided before.
create virtual table search_words using fts5(
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
create trigger search_words_forget after delete on articles begin
    delete from search_words where rowid = old.id;
end;
