package deprecatedenrich

import "github.com/honeyhiveai/hhvet/internal/sdkapi"

// A migration is one legacy function of the SDK and the method of
// *honeyhive.Tracer that takes its place. The first parameter of both is the
// context, the last of both the variadic fields. A new pair is one more entry
// in [migrations], one more word in [Tokens], and a fixture.
type migration struct {
	function string // of package honeyhive
	method   string // of *honeyhive.Tracer
	// between says what becomes of the function's parameters between the
	// context and the fields, in order. The method has no such parameters:
	// they become fields.
	between []argument
}

// argument says how a parameter of a legacy function becomes a field.
type argument struct {
	field string // the type of package honeyhive that it is converted to
	none  string // the literal that stands for no value and falls away
}

var migrations = []migration{
	{function: sdkapi.EnrichSpan, method: sdkapi.EnrichSpan},
	{function: sdkapi.EnrichSession, method: sdkapi.EnrichSession, between: []argument{
		{field: sdkapi.SessionID, none: `""`},
		{field: sdkapi.Metadata, none: "nil"},
	}},
}

// sameSignature reports whether the method can stand in for the function as a
// value.
func (m *migration) sameSignature() bool { return len(m.between) == 0 }
