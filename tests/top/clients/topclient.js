// node-taobao-topclient and topsdk (by argument), as promises.
'use strict';
const name = process.argv[2];
const jobs = JSON.parse(require('fs').readFileSync(0, 'utf8'));

function made(job) {
  const endpoint = job.url + '/router/rest';
  if (name === 'topsdk') {
    const TopClient = require('topsdk');
    return new TopClient(job.key, job.secret, endpoint);
  }
  const TopClient = require('node-taobao-topclient').default;
  return new TopClient({ appkey: job.key, appsecret: job.secret, REST_URL: endpoint });
}

async function run(job) {
  const client = made(job);
  const found = [];
  for (const [method, params] of job.calls) {
    const root = method.replace(/^taobao\./, '').replace(/\./g, '_') + '_response';
    try {
      found.push({ answer: { [root]: await client.execute(method, Object.assign({ session: job.session }, params)) } });
    } catch (error) {
      const body = typeof error.data === 'string' ? JSON.parse(error.data) : error.data;
      const data = body ? body.error_response : error;
      found.push({ error: { code: data.code, sub_code: data.sub_code, sub_msg: data.sub_msg, message: error.message } });
    }
  }
  return found;
}

(async () => {
  const found = [];
  for (const job of jobs) found.push(await run(job));
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
})();
