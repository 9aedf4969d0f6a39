// A mistake in a request, found before anything was sent: to try again would change nothing.

/** The request cannot be sent. The message ends a sentence such as `POST to example.org was not sent: …`. */
export class Unsendable extends Error {}
