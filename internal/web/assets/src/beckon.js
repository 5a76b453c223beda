// Everything here makes pages quicker to use; every page works without it.
import 'htmx.org'
import './dialogs.js'
import './forms.js'
import './keyboard.js'
import './opened.js'
import './selection.js'
import './toasts.js'
