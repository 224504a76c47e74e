package deprecatedenrich

// Tokens are words of which at least one occurs, in any letter case, in the
// source of every package that has a finding or a fact of its own.
var Tokens = []string{"EnrichSpan", "EnrichSession", "WithTracer"}
