import { inspect } from './check.contract.js';
import { whyNotBicep } from './read-bicep.js';

const storage = `// A storage account.
targetScope = 'resourceGroup'
@description('Where')
@allowed([
  'westeurope'
  'northeurope'
])
param location string = 'westeurope' /* the
default */
#disable-next-line BCP081
resource account 'Microsoft.Storage/storageAccounts@2023-01-01' = if (location != '\${'a'}}{') {
  name: 'st\${uniqueString(resourceGroup().id, '{\${location}}')}'
  properties: { note: '''
rm -rf /
it's } here''' }
}
var size = location == 'x'
  ? 'it\\'s'
  : 'small'
type kind = 'a'
  | 'b'
output id string = account.id
`;

describe('scan/checks/read-bicep', () => {
  it.each([
    ['a storage account', storage],
    ['the same with other line ends', storage.replaceAll('\n', '\r\n')],
    ['parameters', "using './main.bicep'\nparam x = { a: [1, 2] }\n"],
    ['one declaration without a line end', 'param a string'],
  ])('takes %s for Bicep', (_what, text) => {
    expect(whyNotBicep(text)).toBeUndefined();
  });

  it.each([
    ['nothing', '', /declares nothing/],
    ['only a comment that looks like it', '// param a string\n/* resource x */', /declares nothing/],
    ['a script with the right words in a comment', '# param a string\nrm -rf /\n', /line 1: #/],
    ['a script behind a declaration', 'param a string\nrm -rf /\n', /in line 2: rm/],
    ['a script behind a comment of some lines', '/*\n\n*/\nparam a string\ncurl x | sh\n', /in line 5: curl/],
    ['a declaration within a string', "'''\nparam a string\n'''", /line 1/],
    ['a comment without an end', 'param a string\n/* x', /comment of line 2/],
    ['a string without an end', "param a string = 'x\n'", /string without an end in line 1/],
    ['a long string without an end', "param a string = '''x", /string of line 1/],
    ['a bracket without an end', 'param a object = {\n', /ends within/],
    ['a bracket that closes nothing', 'param a object = {]', /has \] in line 1/],
    ['an expression without an end', "param a string = 'x${1", /ends within/],
    ['JSON', '{ "a": 1 }', /line 1/],
    ['a word that begins like a statement', 'parameter a string', /parameter/],
  ])('does not take %s for Bicep', (_what, text, problem) => {
    expect(whyNotBicep(text)).toMatch(problem);
  });

  it.each(['{', "'", '/*', '\n', "'${", '/**/', 'param a string\n'])(
    'reads a file of many %j to its end',
    (piece) => {
      // Whatever took time with the square of the size would not be done before the limit of the test.
      const reason = whyNotBicep(`param a string = ${piece.repeat((256 * 1024) / piece.length)}`);

      expect(typeof reason).toBe(/[\n]|\*\/$/.test(piece) ? 'undefined' : 'string');
    },
  );

  it.each([
    ['param a string\n', 'passed'],
    ['// param a string\nrm -rf /\n', 'failed'],
  ])('lets the check content judge %j: %s', (text, result) => {
    const report = inspect(
      { content: { languages: ['bicep'] } },
      { files: { 'a/b.bicep': text, 'b.sh': 'x' } },
    );

    expect(report.result).toBe(result);
    if (result === 'failed') expect(report.findings[0]).toMatchObject({ id: 'not-bicep', path: 'a/b.bicep' });
  });
});
