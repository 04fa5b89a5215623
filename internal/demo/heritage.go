package demo

import "math/rand/v2"

// heritage is an ethnic category as England records it, with the names and
// languages that go with it often enough to be believable.
type heritage struct {
	code, display string  // UK Core EthnicCategoryEngland
	share         float64 // of England
	names         *names
	language      string  // BCP 47; "" for English
	speaks        float64 // how many of those have it as main language
}

// heritages are the shares of the Census of England and Wales, 21 March 2021
// (Office for National Statistics, November 2022, tables TS021 and TS024,
// Open Government Licence); "not stated" is what records commonly hold.
var heritages = []heritage{
	{"A", "White - British", 72.5, &british, "", 0},
	{"B", "White - Irish", 0.9, &british, "", 0},
	{"C", "White - Any other White background", 6.3, &european, "pl", .45},
	{"D", "Mixed - White and Black Caribbean", 0.9, &british, "", 0},
	{"E", "Mixed - White and Black African", 0.4, &british, "", 0},
	{"F", "Mixed - White and Asian", 0.8, &british, "", 0},
	{"G", "Mixed - Any other mixed background", 0.8, &british, "", 0},
	{"H", "Asian or Asian British - Indian", 3.3, &southAsian, "gu", .18},
	{"J", "Asian or Asian British - Pakistani", 2.8, &muslimAsian, "ur", .2},
	{"K", "Asian or Asian British - Bangladeshi", 1.1, &muslimAsian, "bn", .25},
	{"L", "Asian or Asian British - Any other Asian background", 1.6, &southAsian, "ta", .2},
	{"M", "Black or Black British - Caribbean", 1.1, &british, "", 0},
	{"N", "Black or Black British - African", 2.6, &african, "so", .12},
	{"P", "Black or Black British - Any other Black background", 0.5, &african, "", 0},
	{"R", "Other Ethnic Groups - Chinese", 0.8, &chinese, "zh", .35},
	{"S", "Other Ethnic Groups - Any other ethnic group", 2.1, &muslimAsian, "ar", .3},
	{"Z", "Not stated", 1.5, &british, "", 0},
}

var languageNames = map[string]string{
	"en": "English", "pl": "Polish", "gu": "Gujarati", "ur": "Urdu", "bn": "Bengali",
	"ta": "Tamil", "so": "Somali", "zh": "Chinese", "ar": "Arabic",
}

// drawHeritage draws a household's; diverse scales the share of all but the
// first.
func drawHeritage(r *rand.Rand, diverse float64) *heritage {
	total := heritages[0].share
	for _, h := range heritages[1:] {
		total += h.share * diverse
	}
	u := r.Float64() * total
	for i := range heritages {
		w := heritages[i].share
		if i > 0 {
			w *= diverse
		}
		if u < w {
			return &heritages[i]
		}
		u -= w
	}
	return &heritages[0]
}

// names are given and family names. The given names are by generation:
// before 1945, to 1969, to 1994, and after.
type names struct {
	female, male [][]string
	family       []string
}

func (n *names) given(r *rand.Rand, year int, female bool) string {
	lists := n.male
	if female {
		lists = n.female
	}
	g := 3
	switch {
	case year < 1945:
		g = 0
	case year < 1970:
		g = 1
	case year < 1995:
		g = 2
	}
	l := lists[min(g, len(lists)-1)]
	return l[r.IntN(len(l))]
}

var british = names{
	female: [][]string{
		{"Margaret", "Jean", "Joan", "Mary", "Sheila", "Patricia", "Dorothy", "Barbara", "Audrey", "Beryl", "Doreen", "Joyce", "Maureen", "Brenda", "Iris", "Edna"},
		{"Susan", "Linda", "Christine", "Carol", "Janet", "Julie", "Karen", "Jacqueline", "Deborah", "Elaine", "Gillian", "Lesley", "Denise", "Jane", "Alison", "Wendy", "Lorraine", "Diane"},
		{"Sarah", "Claire", "Emma", "Nicola", "Lisa", "Joanne", "Michelle", "Helen", "Rachel", "Laura", "Rebecca", "Gemma", "Kelly", "Natalie", "Lauren", "Hannah", "Jessica", "Amy", "Stacey"},
		{"Olivia", "Amelia", "Isla", "Ava", "Ivy", "Freya", "Lily", "Florence", "Mia", "Willow", "Rosie", "Sophie", "Grace", "Evie", "Poppy", "Ella", "Charlotte", "Ruby", "Chloe", "Megan"},
	},
	male: [][]string{
		{"John", "Ronald", "Kenneth", "Peter", "Derek", "Dennis", "Raymond", "Gordon", "Stanley", "Norman", "Roy", "Donald", "Frank", "Leslie", "Geoffrey", "Brian"},
		{"David", "Paul", "Stephen", "Michael", "Alan", "Keith", "Graham", "Philip", "Martin", "Barry", "Trevor", "Nigel", "Kevin", "Ian", "Gary", "Colin", "Clive", "Roger"},
		{"Christopher", "James", "Matthew", "Andrew", "Daniel", "Lee", "Mark", "Craig", "Adam", "Robert", "Simon", "Darren", "Ryan", "Luke", "Ben", "Thomas", "Liam", "Stuart"},
		{"Oliver", "George", "Noah", "Arthur", "Harry", "Leo", "Jack", "Charlie", "Freddie", "Alfie", "Theo", "Archie", "Joshua", "Jacob", "Finley", "Ethan", "Toby", "Callum", "Reuben"},
	},
	family: []string{"Ashdown", "Barrow", "Beckett", "Bramley", "Brook", "Calder", "Carver", "Clough", "Cotter", "Croft", "Dale", "Denby", "Drake", "Eastwood", "Ellery", "Fairley", "Farrow", "Fenwick", "Garland", "Gibb", "Greaves", "Hale", "Hallam", "Hargreave", "Heath", "Holroyd", "Horsley", "Ingle", "Jessop", "Kemp", "Kirkby", "Langley", "Larkin", "Lomax", "Marlow", "Mather", "Merrick", "Milner", "Naylor", "Oakes", "Ogden", "O'Dell", "Pickles", "Platt", "Quick", "Radley", "Ramsden", "Rowley", "Sadler", "Seddon", "Shaw", "Swain", "Tanner", "Thorne", "Tilley", "Underhill", "Varley", "Wadsworth", "Walsh", "Whitlock", "Wilmot", "Winter", "Wragg", "Yardley"},
}

var european = names{
	female: [][]string{{"Maria", "Anna", "Elena", "Ewa", "Irena"}, {"Katarzyna", "Monika", "Ioana", "Marta", "Beata", "Daniela", "Renata"}, {"Agnieszka", "Magdalena", "Andreea", "Aleksandra", "Alina", "Justyna", "Inês"}, {"Zofia", "Maja", "Sofia", "Lena", "Emilia", "Nadia"}},
	male:   [][]string{{"Jan", "Stefan", "Marek", "Mario"}, {"Andrzej", "Piotr", "Gheorghe", "Paulo", "Dariusz"}, {"Tomasz", "Krzysztof", "Andrei", "Marcin", "Mihai", "Rui", "Łukasz"}, {"Jakub", "Filip", "Luca", "Adam", "Matei", "Oskar"}},
	family: []string{"Nowak", "Kaminski", "Wozniak", "Zielinska", "Mazur", "Popa", "Dumitru", "Ionescu", "Ferreira", "Santos", "Rossi", "Balogh", "Novotny", "Kazlauskas", "Petrov", "Kowalczyk"},
}

var southAsian = names{
	female: [][]string{{"Kamala", "Savitri", "Pushpa", "Usha"}, {"Sunita", "Meena", "Asha", "Nirmala", "Hansa"}, {"Priya", "Anjali", "Neha", "Kavita", "Deepa", "Harpreet"}, {"Anaya", "Diya", "Aisha", "Riya", "Mira", "Jasleen"}},
	male:   [][]string{{"Mohan", "Ramesh", "Hari", "Gurdev"}, {"Rajesh", "Suresh", "Ashok", "Harbhajan"}, {"Amit", "Sanjay", "Vikram", "Rahul", "Manjit"}, {"Arjun", "Aarav", "Rohan", "Dev", "Kiran"}},
	family: []string{"Patel", "Shah", "Sharma", "Mistry", "Desai", "Gill", "Sandhu", "Nair", "Perera", "Joshi", "Chauhan", "Rana", "Solanki", "Bhatt"},
}

var muslimAsian = names{
	female: [][]string{{"Zubaida", "Khadija", "Amina"}, {"Shabana", "Nasreen", "Rukhsana", "Farida"}, {"Ayesha", "Saima", "Nadia", "Fatima", "Samina", "Rahela"}, {"Maryam", "Zara", "Hafsa", "Inaya", "Aaliyah", "Safa"}},
	male:   [][]string{{"Abdul", "Ghulam", "Yusuf"}, {"Tariq", "Khalid", "Javed", "Nazir"}, {"Imran", "Asif", "Kamran", "Shahid", "Faisal", "Omar"}, {"Muhammad", "Ibrahim", "Yahya", "Zayn", "Musa", "Eesa"}},
	family: []string{"Hussain", "Akhtar", "Mahmood", "Iqbal", "Rahman", "Miah", "Chowdhury", "Begum", "Malik", "Siddiqui", "Uddin", "Aziz", "Karim", "Haddad"},
}

var african = names{
	female: [][]string{{"Grace", "Comfort", "Esther"}, {"Florence", "Abena", "Ngozi", "Beatrice"}, {"Chioma", "Amara", "Hodan", "Folake", "Ruth", "Efua"}, {"Zainab", "Adaeze", "Esi", "Hope", "Imani", "Sumaya"}},
	male:   [][]string{{"Samuel", "Joseph", "Kofi"}, {"Emmanuel", "Kwame", "Peter", "Ahmed"}, {"Tunde", "Chidi", "Daniel", "Abdi", "Yaw", "Femi"}, {"David", "Elijah", "Kojo", "Malachi", "Idris", "Tobi"}},
	family: []string{"Okafor", "Mensah", "Adeyemi", "Osei", "Abdi", "Ndlovu", "Boateng", "Eze", "Banda", "Afolabi", "Warsame", "Asante", "Moyo", "Balogun"},
}

var chinese = names{
	female: [][]string{{"Mei", "Lan", "Suk-yin"}, {"Li", "Wai-ling", "Hong"}, {"Xin", "Jing", "Ka-yan", "Ying"}, {"Emily", "Yuxi", "Chloe", "Ruoxi"}},
	male:   [][]string{{"Wei", "Kwok", "Chi"}, {"Ming", "Jun", "Wing-kei"}, {"Hao", "Kevin", "Lei", "Ho-yin"}, {"Ethan", "Zihan", "Lucas", "Jayden"}},
	family: []string{"Chan", "Wong", "Li", "Zhang", "Wang", "Lam", "Cheung", "Liu", "Chen", "Ng"},
}
