package equivalence_test

import (
	"fmt"
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/equivalence"
	"github.com/honeyhiveai/hhvet/internal/fixtest"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

// The fixtures of the corpus record the same before and after the fixes: with
// three tracers without the assumption, and with one tracer, where it holds,
// unless the fixture makes another one.
func TestFixtures(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the corpus four times")
	}
	for _, tt := range []struct {
		assume  bool
		tracers int
		skip    func(*packages.Package, *types.Func) bool
	}{
		{false, 3, func(*packages.Package, *types.Func) bool { return false }},
		{true, 1, equivalence.MakesTracer},
	} {
		t.Run(fmt.Sprintf("assume=%v", tt.assume), func(t *testing.T) {
			module := &equivalence.Module{Dir: corpus.Copy(t), Path: "example.com/corpus"}
			const pattern = "./deprecatedenrich/..."
			fixes, err := module.Fix(deprecatedenrich.Options{Assume: tt.assume}, pattern)
			if err != nil {
				t.Fatal(err)
			}
			pkgs, err := fixtest.Load(module.Dir, pattern)
			if err != nil {
				t.Fatal(err)
			}
			if err := module.AddFixtures(pkgs, tt.tracers, tt.skip); err != nil {
				t.Fatal(err)
			}
			if err := module.Finish(); err != nil {
				t.Fatal(err)
			}
			before := run(t, module)
			after := run(t, changed(t, module, t.TempDir(), fixes.Files))
			t.Logf("%d programs, %v", len(before), fixes.Rules())
			if len(before) < 100 {
				t.Errorf("only %d fixtures ran", len(before))
			}
			compare(t, before, after)
		})
	}
}
