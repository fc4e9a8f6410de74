//! Recognises texts which say that something is not a community.

/// Whether a text says plainly that the requested item is not a community. A text that leaves this open, or that is about who
/// is an admin or a member of the community, does not count.
pub(in crate::gateway) fn says_not_a_community(text: &str) -> bool {
    const COMMUNITY: [&str; 2] = ["community", "parent"];
    const ARTICLES: [&str; 3] = ["a", "an", "the"];
    const KINDS: [&str; 4] = ["group", "chat", "jid", "id"];
    const DOUBTS: [&str; 10] =
        ["or", "either", "may", "might", "maybe", "perhaps", "possibly", "if", "whether", "cannot"];
    let text = text.to_lowercase();
    let words = words(&text);
    if words.iter().any(|word| DOUBTS.contains(&word.text)) {
        return false;
    }
    words.iter().enumerate().any(|(at, word)| {
        let mut rest = words[at + 1..].iter().skip_while(|next| ARTICLES.contains(&next.text));
        if word.text != "not" || word.ends_part {
            return false;
        }
        let Some(community) = rest.next().filter(|next| COMMUNITY.contains(&next.text)) else { return false };
        // Further words would say whose community it is not, or who lacks a role in it.
        community.ends_part || rest.next().is_some_and(|kind| KINDS.contains(&kind.text) && kind.ends_part)
    })
}

struct Word<'a> {
    text: &'a str,
    /// A punctuation mark or the end of the text follows.
    ends_part: bool,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let is_within = |c: char| c.is_alphanumeric() || c == '\'' || c == '’';
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(is_within) {
        rest = &rest[begin..];
        let end = rest.find(|c: char| !is_within(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let next = after.trim_start_matches(['_', '-', ' ', '\t', '\n', '"']).chars().next();
        words.push(Word { text: word, ends_part: next.is_none_or(|next| !is_within(next)) });
        rest = after;
    }
    words
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("JID is not a community", true)]
    #[case("NOT_A_COMMUNITY", true)]
    #[case("120363400000000001@g.us is not a community.", true)]
    #[case("invalid community JID: not a community", true)]
    #[case("invalid community JID: not a parent", true)]
    #[case("this group is not a parent group", true)]
    #[case("not a community: 120363400000000001@g.us", true)]
    #[case("Community not found", false)]
    #[case("you are not a community admin", false)]
    #[case("not a member of this community", false)]
    #[case("not a community that you are in", false)]
    #[case("this is not a community of yours", false)]
    #[case("not a community, or you are not an admin of it", false)]
    #[case("group not found or not a community", false)]
    #[case("this may not be a community", false)]
    #[case("rate-overlimit", false)]
    #[case("item-not-found", false)]
    #[case("info query timed out", false)]
    #[case("internal-server-error", false)]
    #[case("info query returned status 400: bad-request", false)]
    #[case("", false)]
    fn only_plain_words_count(#[case] text: &str, #[case] says: bool) {
        assert_eq!(says_not_a_community(text), says);
    }
}
