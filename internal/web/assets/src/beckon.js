// Everything here makes pages quicker to use; every page works without it.
import htmx from 'htmx.org'
import './dialogs.js'
import './find.js'
import './forms.js'
import './keyboard.js'
import './opened.js'
import './selection.js'
import './toasts.js'

// By itself htmx begins a moment later; a key may be pressed before that.
htmx.initialize()
