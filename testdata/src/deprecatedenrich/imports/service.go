// Package imports has files in which the SDK's import becomes unused, or not.
package imports

import "github.com/honeyhiveai/hhvet/honeyhive"

type service struct{ tracer *honeyhive.Tracer }
