//! What words that several gateways use mean, whatever the HTTP status that they come with.

/// Whether a text says plainly that something is not a community, and not that somebody is no admin or member of one.
pub(super) fn says_not_a_community(text: &str) -> bool {
    const COMMUNITY: [&str; 2] = ["community", "parent"];
    const ARTICLES: [&str; 3] = ["a", "an", "the"];
    const PEOPLE: [&str; 6] = ["admin", "admins", "administrator", "member", "members", "owner"];
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let mut rest = words[at + 1..].iter().skip_while(|next| ARTICLES.contains(next));
        *word == "not"
            && rest.next().is_some_and(|next| COMMUNITY.contains(next))
            && rest.next().is_none_or(|next| !PEOPLE.contains(next))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("JID is not a community", true)]
    #[case("invalid community JID: not a community", true)]
    #[case("this group is not a parent group", true)]
    #[case("Community not found", false)]
    #[case("you are not a community admin", false)]
    #[case("not a member of this community", false)]
    #[case("item-not-found", false)]
    #[case("info query timed out", false)]
    #[case("", false)]
    fn only_plain_words_count(#[case] text: &str, #[case] says: bool) {
        assert_eq!(says_not_a_community(text), says);
    }
}
