package callers

import "testing"

func TestStep(t *testing.T) {
	step(t.Context(), nil, nil)
}
