//! The languages: that each catalogue says all that English says, and that its words fit the screens.

mod catalogues;
mod counts;
mod screens;
