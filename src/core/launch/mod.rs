//! From an alert, or by hand, to a work item, a channel and people: the steps and what they ask of others.
