/** Announced in open, as Azure does; larger messages come in several frames. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** Azure Premium's and Event Hubs' limit for one message or batch; the clients read it from the attach. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** The clients open one session for each link. */
export const MAX_CHANNEL = 4999;
/** Deliveries of one session that may wait for their settlement. rhea's own default (2048) overflows by throwing. */
export const SESSION_BUFFER = { incoming: 8192, outgoing: 65_536 };
