//! Each preset on a list page and an article page in the markup that it is made for.
