//! The parsed sources, and every path in them.

use std::{collections::BTreeSet, fs, path::Path};

use syn::{
    ItemMod, ItemUse, Macro, UseTree,
    parse::Parser,
    punctuated::Punctuated,
    visit::{self, Visit},
};

/// A file under `src/`.
pub(crate) struct Source {
    /// The file's path below `src/`.
    pub(crate) path: String,
    /// The file's module without `crate`, such as `domain::name`; empty for `lib.rs`.
    pub(crate) module: String,
    /// The file's text.
    pub(crate) text: String,
    /// The parsed text.
    pub(crate) file: syn::File,
}

/// A path in a file, and its position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    /// The segments, with `crate`, `self` and `super` resolved: our own paths begin with `crate`.
    pub(crate) segments: Vec<String>,
    /// Whether it is in a `use` or begins with `::`, and so is not a local name.
    pub(crate) is_certain: bool,
}

impl Source {
    /// Creates a source from its path below `src/` and its text.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let module = path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
        let module = if module == "lib" { String::new() } else { module };
        Self { path: path.to_owned(), module, text: text.to_owned(), file }
    }

    /// Every path in the file; includes its tests on request.
    pub(crate) fn named(&self, with_tests: bool) -> BTreeSet<Named> {
        let module = self.module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let mut finder = Finder { module, with_tests, with_exports: true, found: BTreeSet::new() };
        finder.visit_file(&self.file);
        finder.found
    }

    /// Every path that its own code needs: neither what it passes on with `pub use` nor what its tests name.
    pub(crate) fn needed(&self) -> BTreeSet<Named> {
        let module = self.module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let mut finder = Finder { module, with_tests: false, with_exports: false, found: BTreeSet::new() };
        finder.visit_file(&self.file);
        finder.found
    }
}

/// All files under `src/`.
pub(crate) fn sources() -> Vec<Source> {
    below("src")
}

/// All files in a folder of the repository.
pub(crate) fn below(folder: &str) -> Vec<Source> {
    fn walk(root: &Path, folder: &Path, into: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                into.push(Source::of(&name, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut all = Vec::new();
    walk(&root, &root, &mut all);
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Whether the attributes say that an item is compiled only for tests.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    let test = |attribute: &syn::Attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    };
    attributes.iter().any(test)
}

struct Finder {
    module: Vec<String>,
    with_tests: bool,
    with_exports: bool,
    found: BTreeSet<Named>,
}

impl Finder {
    fn note(&mut self, mut segments: Vec<String>, is_certain: bool) {
        let steps_up = segments.iter().take_while(|segment| *segment == "super").count();
        match segments.first().map(String::as_str) {
            Some("self") if segments.len() > 1 => {
                let below: Vec<String> = segments.drain(1..).collect();
                segments = ["crate".to_owned()].into_iter().chain(self.module.clone()).chain(below).collect();
            }
            Some("super") => {
                let above = self.module.len().saturating_sub(steps_up);
                let below: Vec<String> = segments.drain(steps_up..).collect();
                let module = self.module[..above].to_vec();
                segments = ["crate".to_owned()].into_iter().chain(module).chain(below).collect();
            }
            // The library's own name, as the program and generated code may write it.
            Some("synod") => "crate".clone_into(&mut segments[0]),
            _ => {}
        }
        if segments.len() > 1 || is_certain {
            self.found.insert(Named { segments, is_certain });
        }
    }

    fn note_use(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| {
            let mut path = before.to_vec();
            path.push(name.to_string());
            path
        };
        match tree {
            UseTree::Path(path) => self.note_use(&with(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.note(before.to_vec(), true),
            UseTree::Name(name) => self.note(with(&name.ident), true),
            UseTree::Rename(name) if name.ident == "self" => self.note(before.to_vec(), true),
            UseTree::Rename(name) => self.note(with(&name.ident), true),
            UseTree::Glob(_) => self.note(before.to_vec(), true),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.note_use(before, item)),
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_for_tests(&item.attrs) && !self.with_tests {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if self.with_tests || !is_for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_export = !matches!(item.vis, syn::Visibility::Inherited);
        if (self.with_tests || !is_for_tests(&item.attrs)) && (self.with_exports || !is_export) {
            self.note_use(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(segments, path.leading_colon.is_some());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        visit::visit_macro(self, invoked);
        // Most macros take expressions. For the other macros, the paths are found in the tokens.
        let arguments =
            Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated.parse2(invoked.tokens.clone());
        match arguments {
            Ok(arguments) => {
                for argument in &arguments {
                    // The expressions live only until the end of this call, so they get their own visitor.
                    let module = self.module.clone();
                    let found = BTreeSet::new();
                    let mut inner = Finder { module, found, ..*self };
                    inner.visit_expr(argument);
                    self.found.append(&mut inner.found);
                }
            }
            Err(_) => {
                for path in paths_in_tokens(&invoked.tokens.to_string()) {
                    self.note(path, false);
                }
            }
        }
    }
}

/// The paths with `::` in the text of tokens, which have a space on either side of every sign.
fn paths_in_tokens(tokens: &str) -> Vec<Vec<String>> {
    let tight = tokens.replace(" :: ", "::").replace(":: ", "::");
    let split = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
    let paths = tight.split(split).filter(|word| word.contains("::"));
    let segments = |word: &str| word.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    paths.map(segments).filter(|path: &Vec<String>| !path.is_empty()).collect()
}

/// The paths that are matched against, or compared with, variants of an enum. Variants that a `use`
/// imports count too.
pub(crate) fn matches_on(source: &Source, name: &str) -> Vec<String> {
    let imported = source.named(false).into_iter().filter_map(|path| {
        let place = path.segments.iter().position(|segment| segment == name)?;
        (path.is_certain).then(|| path.segments.get(place + 1).cloned())?
    });
    let mut arms = Arms { name, imported: imported.collect(), found: Vec::new() };
    arms.visit_file(&source.file);
    arms.found
}

struct Arms<'a> {
    name: &'a str,
    imported: BTreeSet<String>,
    found: Vec<String>,
}

impl Arms<'_> {
    fn look(&mut self, path: &syn::Path) {
        let through_enum =
            path.segments.len() > 1 && path.segments.iter().any(|part| part.ident == self.name);
        let imported =
            path.segments.len() == 1 && self.imported.contains(&path.segments[0].ident.to_string());
        if through_enum || imported {
            let segments: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
            self.found.push(segments.join("::"));
        }
    }
}

impl<'ast> Visit<'ast> for Arms<'_> {
    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        match pattern {
            syn::Pat::Path(path) => self.look(&path.path),
            // An imported variant without fields looks like a new name.
            syn::Pat::Ident(ident) => self.look(&syn::Path::from(ident.ident.clone())),
            _ => {}
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if matches!(binary.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) {
            for side in [&binary.left, &binary.right] {
                if let syn::Expr::Path(path) = side.as_ref() {
                    self.look(&path.path);
                }
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        let paths = paths_in_tokens(&invoked.tokens.to_string());
        if invoked.path.is_ident("matches") && paths.iter().flatten().any(|segment| segment == self.name) {
            self.found.push(format!("matches!({})", invoked.tokens));
        }
    }
}
