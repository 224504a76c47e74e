// Package deprecatedenrich defines an analyzer.
//
// # Analyzer deprecatedenrich
//
// deprecatedenrich: to be written
package deprecatedenrich
