package words

// The words of how far a request has come.
func init() {
	for key, s := range map[string][2]string{
		"progress.received":       {"We have your request", "Mae eich cais gyda ni"},
		"progress.reading":        {"We are going to read it", "Rydym yn mynd i'w ddarllen"},
		"progress.reading.say":    {"A person reads every request.", "Mae person yn darllen pob cais."},
		"progress.reading.shut":   {"We are closed now. We open %s.", "Rydym ar gau nawr. Byddwn yn agor %s."},
		"progress.read":           {"Someone in our team has read it", "Mae rhywun yn ein tîm wedi'i ddarllen"},
		"progress.our":            {"our %s", "ein %s"},
		"progress.with":           {"It is with %s", "Mae gyda %s"},
		"progress.work":           {"We are working on it", "Rydym yn gweithio arno"},
		"progress.worked":         {"We have worked on it", "Rydym wedi gweithio arno"},
		"progress.yours":          {"We need something from you", "Mae angen rhywbeth arnom gennych chi"},
		"progress.yours.say":      {"Read our message and reply, or choose a time.", "Darllenwch ein neges ac atebwch, neu dewiswch amser."},
		"progress.answer":         {"We answer you", "Rydym yn eich ateb"},
		"progress.answer.by":      {"You will hear from us %s.", "Byddwch yn clywed gennym %s."},
		"progress.answer.reply":   {"After you have replied.", "Ar ôl i chi ateb."},
		"progress.answered":       {"We have answered", "Rydym wedi ateb"},
		"progress.next.by":        {"You will hear from us %s.", "Byddwch yn clywed gennym %s."},
		"progress.next.yours":     {"Please read our message and reply, or choose a time. We will go on as soon as you have.", "Darllenwch ein neges ac atebwch, neu dewiswch amser. Byddwn yn parhau cyn gynted ag y gwnewch."},
		"progress.next.emergency": {"This could be an emergency. If you still need help and have not called 999, call now.", "Gallai hyn fod yn argyfwng. Os oes angen help arnoch o hyd ac nad ydych wedi ffonio 999, ffoniwch nawr."},
		"progress.next.late":      {"This is taking longer than we said. We are sorry. We are still working on it.", "Mae hyn yn cymryd mwy o amser nag a ddywedwyd. Mae'n ddrwg gennym. Rydym yn dal i weithio arno."},
		"progress.next.again":     {"You do not need to send it again.", "Nid oes angen i chi ei anfon eto."},
		"progress.next.worse":     {"If you get worse, call 111. If it is an emergency, call 999.", "Os byddwch yn gwaethygu, ffoniwch 111. Os yw'n argyfwng, ffoniwch 999."},
	} {
		sentences[English][key], sentences[Welsh][key] = s[0], s[1]
	}
}
