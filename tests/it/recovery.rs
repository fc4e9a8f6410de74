//! What a start finds that another Synod left: interrupted operations, locks that are held, kept links.
