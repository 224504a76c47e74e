package lines

func leak() int { return 0 }

func f() {
//line other.go:100
	leak() //hhvet:ignore globalbaggage at the end of a line that is called another
	leak() // want `leak`
	//hhvet:ignore globalbaggage alone above a line that is called another
	leak()
}
