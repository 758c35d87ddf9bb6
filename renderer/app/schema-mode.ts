/** First import of the window: under our content security policy zod must not probe `new Function`. */
import { z } from 'zod'

// SECURITY: item 3: no unsafe-eval, not even a probe that would be reported as a violation.
z.config({ jitless: true })
