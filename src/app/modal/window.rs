//! What every window can do besides handling actions.

use crate::{
    app::{
        broken::BrokenEntry,
        command_catalog::LazyCatalog,
        context::Context,
        effect::Ticket,
        instance::Instance,
        layout::{Layout, page_size},
        scroll::Scroll,
        wide::Wide,
    },
    domain::instance::InstanceKey,
};

/// What the content of a window depends on.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub instances: &'a [Instance],
    /// The view over all instances, if it is on the screen.
    pub wide: Option<&'a Wide>,
    /// The entries of the configuration that cannot be used.
    pub broken: &'a [BrokenEntry],
    /// The texts of the commands and the help.
    pub catalog: &'a LazyCatalog,
    /// The position of everything on the screen.
    pub layout: &'a Layout,
}

impl<'a> Scene<'a> {
    /// The instance with this key.
    pub fn instance(&self, key: &InstanceKey) -> Option<&'a Instance> {
        let wide = self.wide.map(|wide| &wide.view);
        self.instances.iter().chain(wide).find(|instance| instance.key() == key)
    }

    /// The number of lines inside a window of this size.
    pub fn lines(&self, (columns, rows): (u16, u16)) -> u16 {
        self.layout.window(columns, rows).inside().height
    }
}

/// A window over the panes.
pub trait Window {
    /// What receives the keys while this window is the topmost.
    fn context(&self) -> Context;

    /// Rebuilds its rows, and sets the heights of its lists.
    fn settle(&mut self, scene: Scene<'_>) {
        if let Some(scroll) = self.scroll_mut() {
            scroll.set_height(usize::from(scene.lines(page_size(scroll.lines()))));
        }
    }

    /// The visible part of the text, if this is a text window.
    fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        None
    }

    /// Takes the progress of a read, if it waits for that read.
    fn take_progress(&mut self, _: Ticket, _done: usize, _total: usize) {}

    /// Whether it shows passing time.
    fn shows_time(&self) -> bool {
        false
    }
}
