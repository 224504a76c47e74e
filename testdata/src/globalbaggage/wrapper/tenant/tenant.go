// Package tenant is a level above package telemetry.
package tenant

import (
	"context"

	"example.com/corpus/globalbaggage/wrapper/telemetry"
)

// Tag adds a member, two packages away from the API.
func Tag(ctx context.Context, value, key string) context.Context {
	return telemetry.SetApp(ctx, key, value)
}
