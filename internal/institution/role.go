package institution

// Role is what a staff member may do at an institution.
type Role string

// The roles, from all to reading alone.
const (
	Owner       Role = "owner"       // all
	Manager     Role = "manager"     // all but staff and API tokens
	Coordinator Role = "coordinator" // contacts, labels, invites, notes, own views, Insights
	Reviewer    Role = "reviewer"    // approvals of employers, jobs and interviews
	Viewer      Role = "viewer"      // reads
)

// Roles lists all roles, the most powerful first.
var Roles = []Role{Owner, Manager, Coordinator, Reviewer, Viewer}

// Permission is one kind of act at an institution. For API tokens it is the scope.
type Permission string

// The permissions. Reading needs Read; everything else includes it.
const (
	Read           Permission = "read"
	Contacts       Permission = "contacts" // contacts, labels, imports, own views
	Invite         Permission = "invite"   // bulk invites
	Review         Permission = "review"   // approvals of employers, jobs and interviews
	ChangeSettings Permission = "settings" // the institution's settings, shared views
	People         Permission = "people"   // staff and API tokens
	// Attend is what students of the institution have, and it alone: its live jobs, and
	// whatever is the student's own. No role and no token has it.
	Attend Permission = "attend"
)

// Permissions lists all permissions of staff and tokens.
var Permissions = []Permission{Read, Contacts, Invite, Review, ChangeSettings, People}

var allowed = map[Role][]Permission{
	Owner:       {Read, Contacts, Invite, Review, ChangeSettings, People},
	Manager:     {Read, Contacts, Invite, Review, ChangeSettings},
	Coordinator: {Read, Contacts, Invite},
	Reviewer:    {Read, Review},
	Viewer:      {Read},
}

// Valid tells whether r is one of the roles.
func (r Role) Valid() bool { return allowed[r] != nil }

// needs tells a person what it would take to have a permission.
var needs = map[Permission]string{
	Read:           "a role at this institution",
	Contacts:       "the role coordinator, manager or owner",
	Invite:         "the role coordinator, manager or owner",
	Review:         "the role reviewer, manager or owner",
	ChangeSettings: "the role manager or owner",
	People:         "the role owner",
	Attend:         "to be a student of this institution",
}
