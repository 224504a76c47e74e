package problems

func leak() int { return 0 }

func malformed() {
	leak() //hhvet:ignore globalbaggage // want `leak` `it gives no reason, so it silences nothing; write //hhvet:ignore NAME reason`
	leak() // hhvet:ignore globalbaggage spaced out // want `leak` `write //hhvet: without a space`
	leak() //hhvet:ignore other analyzers // want `leak`
}

func useless() {
	//hhvet:ignore globalbaggage nothing here // want `it silences nothing; delete it`
	_ = 1

	//hhvet:pertracer
	_ = 2

	// hhvet:ignored is prose, and so is hhvet:ignore in the middle.
	_ = 3
}
