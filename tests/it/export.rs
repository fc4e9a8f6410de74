//! What is read and written as lines and files: each file tests the file of `src/export` with the same path.

mod group_list;
