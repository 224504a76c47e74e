package globalbaggage_test

import (
	"fmt"

	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

// An analyzer with keys and wrappers of one's own, for a driver that has no
// flags.
func ExampleNew() {
	opts := globalbaggage.Options{
		Keys:     []string{"tenant_id", "-source"},                // also tenantId and app.tenant-id; no longer source
		Wrappers: []string{"example.com/telemetry.Carrier.Put:0"}, // its first parameter becomes a key
	}
	if err := opts.Validate(); err != nil {
		fmt.Println(err)
	}
	check := globalbaggage.New(opts)
	fmt.Println(check.Name, check.Flags.Lookup("keys").Value)
	// Output:
	// globalbaggage tenant_id,-source
}

// What makes no sense is named, with how to write it.
func ExampleOptions_Validate() {
	for _, opts := range []globalbaggage.Options{
		{Keys: []string{"-locale"}},
		{Wrappers: []string{"example.com/telemetry.Set"}},
	} {
		fmt.Println(opts.Validate())
	}
	// Output:
	// globalbaggage: keys: "locale" is not a built-in per-tracer key, so it cannot be taken away
	// globalbaggage: wrappers: "example.com/telemetry.Set" does not say which parameter is the key; write import/path.Func:0 or import/path.Type.Method:0
}
