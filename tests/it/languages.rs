//! The languages: each catalogue is as complete as the English one, and its texts fit the screens.

mod catalogues;
mod counts;
mod screens;
