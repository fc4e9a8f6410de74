//! Every requested text exists, and every existing text is requested.

use std::collections::BTreeSet;

use syn::{
    Expr, Lit, Macro,
    parse::Parser,
    punctuated::Punctuated,
    visit::{self, Visit},
};

use super::source::{Source, sources};

/// Prefixes of the keys that are assembled at run time; these keys count as requested.
const COMPOSED: &[&str] = &[];

/// The keys of a catalogue, in Fluent's format.
fn keys(catalogue: &str) -> BTreeSet<String> {
    let key = |line: &str| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim_end();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(fits);
        is_key.then(|| key.to_owned())
    };
    catalogue.lines().filter_map(key).collect()
}

/// The string literals in a source: those that are certainly keys, and all of them, which may include keys.
#[derive(Default)]
struct Asked {
    surely: BTreeSet<String>,
    perhaps: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Asked {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let first = call.args.first();
        if let Some(Expr::Lit(literal)) = first
            && let Lit::Str(text) = &literal.lit
            && (call.method == "say" || call.method == "with")
        {
            self.surely.insert(text.value());
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = call.func.as_ref()
            && path
                .path
                .segments
                .iter()
                .rev()
                .map(|segment| &segment.ident)
                .zip(["new", "Message"])
                .all(|(a, b)| a == b)
            && let Some(Expr::Lit(literal)) = call.args.first()
            && let Lit::Str(text) = &literal.lit
        {
            self.surely.insert(text.value());
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.perhaps.insert(text.value());
    }

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        let arguments = Punctuated::<Expr, syn::Token![,]>::parse_terminated.parse2(invoked.tokens.clone());
        for argument in arguments.iter().flatten() {
            let mut inner = Asked::default();
            inner.visit_expr(argument);
            self.surely.append(&mut inner.surely);
            self.perhaps.append(&mut inner.perhaps);
        }
    }
}

fn asked(sources: &[Source]) -> Asked {
    let mut asked = Asked::default();
    for source in sources {
        asked.visit_file(&source.file);
    }
    asked
}

fn complaints(sources: &[Source], catalogue: &str, composed: &[&str]) -> Vec<String> {
    let (keys, asked) = (keys(catalogue), asked(sources));
    let is_composed = |key: &&String| composed.iter().any(|prefix| key.starts_with(prefix));
    let missing =
        asked.surely.difference(&keys).map(|key| format!("{key}: requested, but not in the catalogue"));
    let unused = keys.difference(&asked.perhaps).filter(|key| !is_composed(key));
    missing.chain(unused.map(|key| format!("{key}: in the catalogue, but never requested"))).collect()
}

#[test]
fn the_catalogue_has_exactly_the_requested_texts() {
    let catalogue = include_str!("../../../assets/text/en.ftl");
    let wrong = complaints(&sources(), catalogue, COMPOSED);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_rule_of_texts_can_fail() {
    let source = |text| [Source::of("tui/view.rs", text)];
    let view = "fn f() { text.say(\"a-key\"); draw(format!(\"{}\", text.with(\"b-key\", &[]))); }";
    let both = "# a note = of ours\na-key = A\nb-key = { $n ->\n    [one] x\n   *[other] y\n}\n";
    assert_eq!(complaints(&source(view), both, &[]), Vec::<String>::new());
    assert_eq!(complaints(&source(view), "a-key = A", &[]), ["b-key: requested, but not in the catalogue"]);
    let sentence = "fn f() -> Message { Message::new(\"a-key\").put(\"n\", 1) }";
    let told = complaints(&source(sentence), "", &[]);
    assert!(told.contains(&"a-key: requested, but not in the catalogue".to_owned()), "{told:?}");
    let more = format!("{both}c-key = C\nkey-x = X\n");
    assert_eq!(complaints(&source(view), &more, &["key-"]), ["c-key: in the catalogue, but never requested"]);
    let by_const = format!("{view} const KEY: &str = \"c-key\";");
    assert_eq!(complaints(&source(&by_const), &format!("{both}c-key = C"), &[]), Vec::<String>::new());
}
