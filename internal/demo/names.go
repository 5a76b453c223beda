package demo

import "strings"

// The words that people and companies are named with. All are invented.
var (
	firstNames = strings.Fields(`Amara Benedikt Chiara Dmitri Esther Farid Grace Hanna Ikram Jonas Keiko Leila Mateo Nadia Oskar Priya
		Quentin Rosa Sami Talia Umar Vera Wanda Ximena Yusuf Zofia Aiko Bruno Carmen Daniel Elif Fiona Goran Helga Ines Jakob Kofi Lucía
		Magnus Noor Olga Pablo Rania Søren Tove Ulrike Viktor Winona Yara Zeno Alma Björn Céline Dario Edda Felix Greta Hugo Ida Jasper`)
	lastNames = strings.Fields(`Haddad Banerjee Reyes Novak Castillo Ito Ferreira Weber Brandt Tanaka Nguyen Okafor Moreau Kowalski Lindqvist
		Abbas Bergström Costa Dumont Eriksen Fontaine Gruber Horvat Ivanova Jansen Kimura Lopez Mbeki Nielsen Olsen Petrov Quist Rossi Schmidt
		Torres Ueda Varga Whitfield Xu Yilmaz Zimmermann Adeyemi Bianchi Chen Dahl Endo Fischer García Hansen Iqbal Jovanović Kaya Larsson
		Marino Nakamura Oduya Park Ramos Singh Toth Usman Vogel Wójcik Young Zhao Archer Blake Cole Drake Ellis Flynn Grant Hayes`)
	titles = []string{"Head of Talent", "Campus Recruiter", "HR Manager", "Talent Partner", "Recruiting Coordinator", "People Lead", "Managing Director",
		"Engineering Manager", "Head of People", "Early Careers Lead", "Office Manager", "Clinical Director", "Plant Manager", "Founder", "HR Business Partner"}
	cities = []string{"Aldermoor", "Brightwater", "Castleford", "Dunmore", "Eastvale", "Fairhaven", "Greenhollow", "Harborview", "Kingsbridge", "Lakeside"}
	heads  = strings.Fields(`Northwind Alder Tidewater Meridian Harbour Bluefjord Cedar Dovetail Ember Foxglove Granite Hazel Ironwood Juniper Kestrel
		Lantern Maple Nimbus Orchard Pinnacle Quarry Redstone Saffron Thistle Umbra Valley Willow Yarrow Zephyr Amber Beacon Copper Delta Elmwood
		Falcon Glacier Hollow Indigo Jasper Keystone Linden Mosaic Nettle Osprey Prairie Quill Riverbend Summit Timber Upland Vantage Wren Argent
		Birch Cobalt Driftwood Evergreen Fern`)
	sampleTitles = []string{"Graduate software engineer", "Summer analyst", "Research assistant", "Marketing trainee", "Mechanical design intern",
		"Clinical data associate", "Junior consultant", "Sustainability intern", "Product design trainee", "Supply chain graduate"}
	declineReasons = []string{"We could not reach anybody at the company under the address given.", "The website says nothing about who you are; please add it and ask again.",
		"Unpaid work of this kind cannot be offered to our students."}
	notes = []string{"It was good to meet you at the fair. I would be glad to see your openings here.", "We are moving our job board. Two minutes, and your jobs reach all our students.", ""}
)

// trade is what a company does: the end of its name, and the label that staff give it.
type trade struct{ tail, label string }

var trades = []trade{{"Robotics", "Engineering"}, {"Clinics", "Health"}, {"Bank", "Finance"}, {"Freight", "Logistics"}, {"Energy", "Engineering"},
	{"Labs", "Science"}, {"Foods", "Retail"}, {"Software", "Software"}, {"Consulting", "Consulting"}, {"Schools", "Education"}, {"Media", "Media"},
	{"Council", "Public sector"}, {"Materials", "Engineering"}, {"Insurance", "Finance"}, {"Games", "Software"}, {"Farms", "Retail"}}
