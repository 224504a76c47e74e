package hhdirective

// Tokens are words of which at least one occurs, in any letter case, in the
// source of every package that has a finding.
var Tokens = []string{"hhvet:"}
