// Starts the page.

import { render } from 'preact'
import './styles/tokens.css'
import './styles/elements.css'
import './styles/shell.css'
import './styles/views.css'
import { askSession } from './api/session.ts'
import { live } from './live/stream.ts'
import { Shell } from './shell/shell.tsx'
import { startRouter } from './shell/router.ts'
import { startTheme } from './shell/theme.ts'
import { startVisible } from './shell/visible.ts'

startTheme()
startVisible()
startRouter()
live.start()
void askSession()
render(<Shell />, document.getElementById('page')!)
