-- Identity of a source's settings at the last start, so that a change of them is noticed; null: not known yet.
alter table sources add column settings blob;
