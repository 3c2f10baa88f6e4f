/** A shape that nothing but a secret has. */
export interface SecretShape {
  /** For people: `a GitHub token`. */
  name: string;
  /**
   * Begins with characters that hardly anything else begins with, and every repetition in it is bounded: what is read was
   * chosen by a stranger, and may take time in proportion to its length only.
   */
  pattern: RegExp;
  /** What would be found most often in tests and examples: looked for only where a policy names it. */
  onRequest?: true;
}

/**
 * Well-known shapes, by the id that findings, allow rules and exceptions use. Shapes with a marker of their own only: what
 * can be told from other text by nothing but its randomness would be found in every binary.
 *
 * - https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 * - https://docs.gitlab.com/security/tokens/#token-prefixes
 * - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 * - https://learn.microsoft.com/purview/sit-defn-azure-storage-account-key
 */
export const secretKinds = {
  'age-secret-key': shape('an age secret key', /AGE-SECRET-KEY-1[0-9A-Z]{58}/),
  'aws-access-key': shape(
    'an AWS access key id',
    /A(?:KI|SI)A(?<![A-Za-z0-9]A[KS]IA)[A-Z2-7]{16}(?![A-Za-z0-9])/,
  ),
  'aws-secret-key': shape(
    'an AWS secret access key',
    /(?:aws_secret_access_key|AWS_SECRET_ACCESS_KEY|SecretAccessKey)["']?\s{0,8}[:=]\s{0,8}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/,
  ),
  'azure-client-secret': shape('an Entra client secret', /Q~(?<=[\w~.]{3}\dQ~)[\w~.-]{31,34}(?![\w~.-])/),
  'azure-registry-password': shape(
    'a password of an Azure container registry',
    /\+ACR(?<=[A-Za-z0-9/+]{42}\+ACR)[A-D][A-Za-z0-9+/]{5}/,
  ),
  'azure-sas': shape(
    'a shared access signature of Azure',
    /[?&]sv=20\d\d-\d\d-\d\d[^\s"'<>]{0,512}?&sig=[A-Za-z0-9%+/]{43,80}(?:%3[Dd]|=)/,
  ),
  'azure-shared-access-key': shape('a shared access key of Azure', /SharedAccessKey=[A-Za-z0-9+/]{43}=/),
  'azure-storage-key': shape('an account key of Azure storage', /AccountKey=[A-Za-z0-9+/]{86}==/),
  'digitalocean-token': shape('a DigitalOcean token', /do[opr]_v1_[a-f0-9]{64}/),
  'docker-hub-token': shape('a Docker Hub token', /dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,40}/),
  'docker-login': shape(
    'the login of a registry',
    /"auths"\s{0,8}:\s{0,8}\{[^{}]{1,256}\{[^{}]{0,512}?"auth"\s{0,8}:\s{0,8}"[A-Za-z0-9+/]{8,4000}={0,2}"/,
  ),
  'gcp-api-key': shape('a Google API key', /AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])/),
  'gcp-service-account': shape(
    'the key of a Google service account',
    /"private_key"\s{0,8}:\s{0,8}"-----BEGIN PRIVATE KEY-----\\n[A-Za-z0-9+/]{48}/,
  ),
  'github-token': shape(
    'a GitHub token',
    /gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/,
  ),
  'gitlab-token': shape('a GitLab token', /gl(?:pat|dt|rt|cbt|ptt|soat|ft)-[A-Za-z0-9_-]{20,300}/),
  jwt: shape(
    'a JSON web token',
    /eyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{20,700}/,
    true,
  ),
  'npm-token': shape(
    'an npm token',
    /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])|_authToken=["']?[A-Za-z0-9_.+/=-]{20,500}/,
  ),
  'private-key': shape(
    'a private key',
    /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\r|\\n)(?:(?!-----)[\s\S]){0,300}?[A-Za-z0-9+/]{48}/,
  ),
  'pypi-token': shape('a PyPI token', /pypi-AgE[A-Za-z0-9_-]{50,500}/),
  'sendgrid-key': shape('a SendGrid key', /SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/),
  'slack-token': shape('a Slack token', /xox[abeoprs]-[0-9A-Za-z-]{10,250}/),
  'slack-webhook': shape(
    'the address of a Slack webhook',
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Z0-9]{6,20}\/[A-Z0-9]{6,20}\/[A-Za-z0-9]{16,64}/,
  ),
  'stripe-key': shape('a Stripe key', /[rs]k_live_[0-9A-Za-z]{20,247}/),
  'vault-token': shape('a HashiCorp Vault token', /hv[bs]\.[A-Za-z0-9_-]{90,300}/),
} as const satisfies Record<string, SecretShape>;

export type SecretKind = keyof typeof secretKinds;

export const secretKindNames = Object.keys(secretKinds) as [SecretKind, ...SecretKind[]];

/**
 * No shape is longer than this many characters, with what has to stand before and behind it. One that a stream is cut in
 * is found nevertheless, by looking at that much of it again.
 */
export const longestSecret = 5000;
export const longestBefore = 64;

function shape(name: string, pattern: RegExp, onRequest?: true): SecretShape {
  return { name, pattern, ...(onRequest && { onRequest }) };
}
