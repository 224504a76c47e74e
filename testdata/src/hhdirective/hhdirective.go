// Package hhdirective holds the directives that no analyzer would report.
package hhdirective

func f() {
	_ = 1 //hhvet:ignore // want `it names no analyzer; write //hhvet:ignore NAME reason`
	_ = 2 //hhvet:ignore globalbagage misspelt // want `there is no analyzer "globalbagage"; known are deprecatedenrich, globalbaggage, hhdirective`
	_ = 3 //hhvet:silence globalbaggage x // want `unknown directive //hhvet:silence; known are //hhvet:ignore NAME reason and //hhvet:pertracer`
	_ = 4 //hhvet: // want `unknown directive`
	_ = 5 // hhvet:ignore // want `without a space`
	_ = 8 //hhvet:ignore hhdirective cannot be // want `silences nothing`
	/* hhvet:ignore in a block comment is prose */
}
