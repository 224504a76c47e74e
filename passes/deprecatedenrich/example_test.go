package deprecatedenrich_test

import (
	"fmt"

	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

// An analyzer that assumes nothing: what it rewrites records the same as
// before.
func ExampleNew() {
	opts := deprecatedenrich.DefaultOptions()
	opts.Assume = false
	check := deprecatedenrich.New(opts)
	fmt.Println(check.Name, check.Flags.Lookup("assume").Value)
	// Output:
	// deprecatedenrich false
}
