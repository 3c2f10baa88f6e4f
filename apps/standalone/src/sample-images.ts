import { RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import { basicTokens, buildArtifact, type BuiltImage, pushImage, RegistryClient } from '@pratique/oci';

/** What the vendor of the sample publishes: the same image name with a content that passes, and one that does not. */
export interface SampleImage {
  repository: RepositoryName;
  tag: Tag;
  image: BuiltImage;
  passes: boolean;
}

/** @param builtAt makes each start's images new ones, as a vendor's releases are */
export function sampleImages(builtAt: Date): SampleImage[] {
  const bicep = `// Built ${builtAt.toISOString()}\nparam location string = resourceGroup().location\n\noutput place string = location\n`;
  const notes = `Built ${builtAt.toISOString()}. This is no Bicep file, so it must not get through.\n`;
  return [
    sampleImage('bicep/network', { 'network.bicep': bicep }, true),
    sampleImage('bicep/notes', { 'notes.txt': notes }, false),
  ];
}

function sampleImage(repository: string, files: Record<string, string>, passes: boolean): SampleImage {
  return {
    repository: RepositoryName.parse(repository),
    tag: Tag.parse('1.0.0'),
    image: buildArtifact({ artifactType: 'application/vnd.pratique.sample.v1', files }),
    passes,
  };
}

export interface RegistryLogin {
  host: string;
  username: string;
  password: string;
}

export async function pushSample(sample: SampleImage, login: RegistryLogin): Promise<void> {
  await withClient(login, (client) =>
    pushImage(client, sample.image, { repository: sample.repository, tags: [sample.tag] }),
  );
}

/** Whether an ordinary client can pull the very bytes of a sample by its tag. */
export async function isPullable(sample: SampleImage, login: RegistryLogin): Promise<boolean> {
  return withClient(login, async (client) => {
    const found = await client.resolve(sample.repository, sample.tag);
    return found?.digest === sample.image.root.digest;
  });
}

async function withClient<T>(login: RegistryLogin, act: (client: RegistryClient) => Promise<T>): Promise<T> {
  const { host, username, password } = login;
  const client = new RegistryClient({
    host: RegistryHost.parse(host),
    plainHttp: true,
    tokens: basicTokens({ username, password: () => password }),
  });
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}
