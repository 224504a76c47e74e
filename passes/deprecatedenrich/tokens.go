package deprecatedenrich

// Tokens are the words of which one occurs in the source of every package
// that has a finding or a fact of its own, apart from the names of deprecated
// forwarders, which are facts about other packages.
var Tokens = []string{"EnrichSpan", "EnrichSession", "WithTracer", "hhvet:"}
