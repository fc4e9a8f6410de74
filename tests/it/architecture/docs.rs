//! The public types, traits and functions of the rooms that others build on say what they are.

use syn::{Attribute, ImplItem, Item, TraitItem, Visibility};

use super::{check, source::Source};

/// The rooms whose public items are documented; elsewhere, and for fields and variants, a name that says it all is enough.
const ROOMS: &[&str] = &["domain", "gateway", "engine", "store"];

fn undocumented(source: &Source) -> Vec<String> {
    let room = source.module.split("::").next().unwrap_or_default();
    if !ROOMS.contains(&room) {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    let mut judge = |name: String, visibility: &Visibility, attributes: &[Attribute]| {
        let is_public = matches!(visibility, Visibility::Public(_));
        if is_public && !attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
            wrong.push(format!("{}: {name} is not documented", source.path));
        }
    };
    for item in &source.file.items {
        match item {
            Item::Struct(item) => judge(item.ident.to_string(), &item.vis, &item.attrs),
            Item::Enum(item) => judge(item.ident.to_string(), &item.vis, &item.attrs),
            Item::Type(item) => judge(item.ident.to_string(), &item.vis, &item.attrs),
            Item::Const(item) => judge(item.ident.to_string(), &item.vis, &item.attrs),
            Item::Fn(item) => judge(item.sig.ident.to_string(), &item.vis, &item.attrs),
            Item::Trait(item) => {
                judge(item.ident.to_string(), &item.vis, &item.attrs);
                for method in &item.items {
                    if let TraitItem::Fn(method) = method {
                        judge(method.sig.ident.to_string(), &item.vis, &method.attrs);
                    }
                }
            }
            Item::Impl(block) if block.trait_.is_none() => {
                for method in &block.items {
                    if let ImplItem::Fn(method) = method {
                        judge(method.sig.ident.to_string(), &method.vis, &method.attrs);
                    }
                }
            }
            _ => {}
        }
    }
    wrong
}

#[test]
fn the_public_items_of_the_lower_rooms_are_documented() {
    check(undocumented);
}

#[test]
fn the_rule_of_documentation_can_fail() {
    for bad in
        ["pub struct A;", "pub fn f() {}", "/// A.\npub trait T { fn f(); }", "impl A { pub fn f() {} }"]
    {
        assert_eq!(undocumented(&Source::of("domain/a.rs", bad)).len(), 1, "{bad}");
        assert!(undocumented(&Source::of("app/a.rs", bad)).is_empty());
    }
    let good = "/// A.\npub struct A { pub field: u8 }\nfn private() {}";
    assert!(undocumented(&Source::of("store/a.rs", good)).is_empty());
}
