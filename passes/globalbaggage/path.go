package globalbaggage

import (
	"slices"
	"strconv"
	"strings"
)

// An accessPath leads from a value to the strings in it.
type accessPath []step

// A step leads from a value to a part of it. It is comparable; its fields are
// exported for facts, which carry paths.
type step struct {
	Kind stepKind
	Name string // of a field
	N    int    // the number of an element, a result or a parameter
}

type stepKind uint8

const (
	kindKeys stepKind = iota + 1
	kindTrue
	kindElem
	kindEven
	kindOdd
	kindEntry
	kindMatch
	kindMember
	kindField
	kindAt
	kindResult
	kindAccepted
)

var (
	stepKeys   = step{Kind: kindKeys}   // keys of a map
	stepTrue   = step{Kind: kindTrue}   // keys of a map that is a set: those with value true
	stepElem   = step{Kind: kindElem}   // elements of a slice, array or map
	stepEven   = step{Kind: kindEven}   // elements 0, 2, 4 … of a slice
	stepOdd    = step{Kind: kindOdd}    // elements 1, 3, 5 …
	stepEntry  = step{Kind: kindEntry}  // the value of a map under "baggage", in any letter case
	stepMatch  = step{Kind: kindMatch}  // what a regular expression matches
	stepMember = step{Kind: kindMember} // the key of a baggage.Member
)

func stepField(name string) step { return step{Kind: kindField, Name: name} }

// stepAt leads to element n of a list.
func stepAt(n int) step { return step{Kind: kindAt, N: n} }

// stepResult leads to result i of a call.
func stepResult(i int) step { return step{Kind: kindResult, N: i} }

// stepAccepted leads to what a predicate accepts as its parameter i.
func stepAccepted(i int) step { return step{Kind: kindAccepted, N: i} }

func (s step) String() string {
	switch s.Kind {
	case kindKeys:
		return "[k]"
	case kindTrue:
		return "[true]"
	case kindElem:
		return "[]"
	case kindEven:
		return "[even]"
	case kindOdd:
		return "[odd]"
	case kindEntry:
		return "[baggage]"
	case kindMatch:
		return "[match]"
	case kindMember:
		return ".Key()"
	case kindField:
		return "." + s.Name
	case kindAt:
		return "[#" + strconv.Itoa(s.N) + "]"
	case kindResult:
		return "=" + strconv.Itoa(s.N)
	case kindAccepted:
		return "[accepted" + strconv.Itoa(s.N) + "]"
	}
	return ""
}

// String tells paths apart.
func (p accessPath) String() string {
	if len(p) == 1 {
		return p[0].String()
	}
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.String())
	}
	return b.String()
}

// last returns the last step, or none.
func (p accessPath) last() step {
	if len(p) == 0 {
		return step{}
	}
	return p[len(p)-1]
}

func prepend(s step, p accessPath) accessPath {
	return append(accessPath{s}, p...)
}

// after returns what is left of p behind the steps that it begins with.
func (p accessPath) after(steps accessPath) (rest accessPath, ok bool) {
	if len(p) < len(steps) || !slices.Equal(p[:len(steps)], steps) {
		return nil, false
	}
	return p[len(steps):], true
}

// resultPath leads from a call to its result i; a call stands for its first.
func resultPath(i int) accessPath {
	if i == 0 {
		return nil
	}
	return accessPath{stepResult(i)}
}
