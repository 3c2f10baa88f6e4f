import { armEndpointFor } from './loopback-arm-endpoint.js';

describe('acr/loopback-arm-endpoint', () => {
  it.each([
    ['https://management.azure.com', 'https://management.azure.com'],
    ['https://management.chinacloudapi.cn/', 'https://management.chinacloudapi.cn'],
    ['https://127.0.0.1:8443', 'https://127.0.0.1:8443'],
    // The client itself refuses to send a token there.
    ['http://management.example.com', 'http://management.example.com'],
    ['http://127.0.0.1.example.com', 'http://127.0.0.1.example.com'],
  ])('leaves %s alone', (address, endpoint) => {
    expect(armEndpointFor(address)).toEqual({ endpoint, additionalPolicies: [] });
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080/'])(
    'speaks plain http to %s, and only there',
    (address) => {
      const { endpoint, additionalPolicies } = armEndpointFor(address);

      expect(endpoint).toBe(`https://${new URL(address).host}`);
      expect(additionalPolicies).toMatchObject([{ position: 'perRetry' }]);
    },
  );
});
