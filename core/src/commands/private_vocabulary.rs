//! Words that keep a text off the page, and words that only resemble them.

/// The reason why a text is not meant for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// It is for the team only.
    Internal,
    Drill,
    /// It is a test of this program.
    Test,
    Note,
}

/// Words that keep a text off the page, each with the number of tolerated slips.
pub(crate) const PRIVATE: &[(&str, Privacy, usize)] = &[
    ("internal", Privacy::Internal, 2),
    ("internally", Privacy::Internal, 2),
    ("private", Privacy::Internal, 2),
    ("privately", Privacy::Internal, 2),
    ("confidential", Privacy::Internal, 2),
    ("confidentially", Privacy::Internal, 2),
    ("restricted", Privacy::Internal, 2),
    ("hidden", Privacy::Internal, 1),
    ("secret", Privacy::Internal, 0),
    ("sensitive", Privacy::Internal, 0),
    ("nonpublic", Privacy::Internal, 0),
    ("unpublished", Privacy::Internal, 0),
    ("drill", Privacy::Drill, 1),
];

/// Real words that resemble private ones.
pub(crate) const REAL_WORDS: &[&str] = &[
    "bidden",
    "brill",
    "dill",
    "drily",
    "drills",
    "droll",
    "eternal",
    "external",
    "fraternal",
    "frill",
    "grill",
    "infernal",
    "inertial",
    "integral",
    "internals",
    "internet",
    "interval",
    "intervals",
    "krill",
    "midden",
    "pirate",
    "pivotal",
    "primate",
    "privacy",
    "private's",
    "privates",
    "privatize",
    "privet",
    "ridden",
    "shrill",
    "thrill",
    "trill",
    "twill",
    "restrict",
    "restricts",
    "restrictive",
    "restructured",
];

/// Nouns that a word such as "private" only describes: `private link`, `internal server`.
pub(crate) const THINGS: &[&str] = &[
    "address",
    "addresses",
    "api",
    "apis",
    "beta",
    "browsing",
    "channel",
    "channels",
    "chat",
    "chats",
    "cloud",
    "clouds",
    "cluster",
    "clusters",
    "dns",
    "endpoint",
    "endpoints",
    "error",
    "errors",
    "exception",
    "exceptions",
    "ip",
    "ips",
    "link",
    "links",
    "message",
    "messages",
    "mode",
    "network",
    "networks",
    "package",
    "packages",
    "preview",
    "registry",
    "repo",
    "repos",
    "repositories",
    "repository",
    "server",
    "servers",
    "subnet",
    "subnets",
    "window",
];

/// Words in front of a private one that change nothing about it: "an internal", "this is private".
pub(crate) const FILLERS: &[&str] = &[
    "a", "an", "another", "as", "be", "fire", "for", "fyi", "incident", "is", "it", "its", "keep",
    "kept", "mark", "marked", "new", "on", "only", "open", "please", "purely", "stay", "still",
    "strictly", "team", "the", "this", "update", "very",
];

/// The limit of skipped fillers.
pub(crate) const FILLERS_MAX: usize = 4;

/// Phrases that keep a text off the page wherever they occur.
pub(crate) const PHRASES: &[(&str, Privacy)] = &[
    ("do not publish", Privacy::Internal),
    ("don t publish", Privacy::Internal),
    ("dont publish", Privacy::Internal),
    ("not for publication", Privacy::Internal),
    ("not for the page", Privacy::Internal),
    ("not for customers", Privacy::Internal),
    ("not for the public", Privacy::Internal),
    ("off the record", Privacy::Internal),
    ("internal only", Privacy::Internal),
    ("internally only", Privacy::Internal),
    ("for internal use", Privacy::Internal),
    ("internal use only", Privacy::Internal),
    ("strictly internal", Privacy::Internal),
    ("strictly confidential", Privacy::Internal),
    ("keep this internal", Privacy::Internal),
    ("keep it internal", Privacy::Internal),
    ("team only", Privacy::Internal),
    ("staff only", Privacy::Internal),
    ("this is a test", Privacy::Test),
    ("this is only a test", Privacy::Test),
    ("just a test", Privacy::Test),
    ("only a test", Privacy::Test),
    ("please ignore", Privacy::Test),
    ("ignore this", Privacy::Test),
    ("this is a drill", Privacy::Drill),
    ("this is only a drill", Privacy::Drill),
];

/// Phrases that keep a text off the page at its beginning.
pub(crate) const OPENINGS: &[(&str, Privacy)] = &[
    ("security incident", Privacy::Internal),
    ("security issue", Privacy::Internal),
    ("security breach", Privacy::Internal),
    ("sec incident", Privacy::Internal),
    ("not public", Privacy::Internal),
    ("non public", Privacy::Internal),
];

pub(crate) const TESTS: &[&str] = &["test", "tests", "testing", "tst", "tets", "teste"];
pub(crate) const BEHIND_TEST: &[&str] =
    &["please", "ignore", "message", "only", "incident", "update", "post"];
pub(crate) const NOTES: &[&str] = &["note", "notes", "memo", "todo", "nb"];
