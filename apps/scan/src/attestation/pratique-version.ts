/** Of package.json, which a built service does not carry. A test holds them together. */
export const pratiqueVersion = '0.1.0';
