// Serves one function as the Invoke API of Lambda does. Needs nothing but Node 18:
//   node examples/triggers/invoke.mjs examples/triggers/function.mjs [port]
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, port = '9000'] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(resolve(file)));

const server = createServer(async (request, response) => {
  if (request.method !== 'POST' || !/^\/2015-03-31\/functions\/[^/]+\/invocations$/.test(request.url)) {
    response.writeHead(404).end();
    return;
  }
  const answer = (value, headers = {}) => {
    const body = JSON.stringify(value ?? null);
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  };
  try {
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    answer(await handler(JSON.parse(text)));
  } catch (error) {
    console.error(error);
    const failure = { errorType: error.name, errorMessage: error.message };
    answer(failure, { 'x-amz-function-error': 'Unhandled' });
  }
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`);
});
