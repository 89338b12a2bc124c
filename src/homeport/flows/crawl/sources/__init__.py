"""The kinds of sources: each is one small file with one function, which says what files a place offers."""
