//! Lines and files, read and written: each file tests the file of `src/export` with the same path.

mod group_list;
