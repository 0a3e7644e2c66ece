import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { credentialsCsv } from "../../src/cli/credentials-csv.ts";
import { sheetHtml } from "../../src/cli/sheet.ts";
import { sipFacts } from "../../src/cli/sip-facts.ts";
import { newAgent } from "./canned.ts";
import { startReal } from "./real.ts";
import { hotline, hotlineProgram } from "./support.ts";

const modeOf = (file: string) => statSync(file).mode & 0o777;

suite("many agents at once", { concurrency: 4 }, () => {
  test("500 agents: one transaction, one reload, the passwords in a file for this user only", async (t) => {
    const real = await startReal(t);
    const file = join(real.home, "agents.csv");
    const out = join(real.home, "passwords.csv");
    const rows = Array.from({ length: 500 }, (_, i) => `${1000 + i};Person ${i};demo:${(i % 3) + 1}:en`);
    writeFileSync(file, `id;name;hotlines\n${rows.join("\n")}\n`);
    const before = real.reloads();
    const result = await hotline(real.home, ["agent", "import", file, "--yes", "--out", out, "--json"]);
    assert.deepEqual(result, {
      code: 0,
      stdout: `${JSON.stringify({ added: 500, file: out })}\n`,
      stderr: "",
    });
    assert.equal(real.reloads() - before, 1);
    assert.equal(modeOf(out), 0o600);
    const lines = readFileSync(out, "utf8").trim().split("\n");
    assert.equal(lines[0], "id;name;username;password;server;port;transport;tls_server;tls_port");
    assert.equal(lines.length, 501);
    assert.equal(new Set(lines.map((line) => line.split(";")[3])).size, 501);

    const { agents, credentials } = await real.store.load();
    assert.equal(agents.length, 503);
    assert.deepEqual(agents.find(({ id }) => id === "1499")?.memberships, [
      { hotline: "demo", tier: 2, skills: ["en"] },
    ]);
    const last = credentials.find(({ agent }) => agent === "1499");
    assert.equal(lines.at(-1), `1499;Person 499;${last?.username};${last?.password};127.0.0.1;5060;udp;;`);
  });

  test("all mistakes at once, and nothing is changed", async (t) => {
    const real = await startReal(t);
    const file = join(real.home, "agents.csv");
    const out = join(real.home, "passwords.csv");
    writeFileSync(
      file,
      "id;name;hotlines\n301;A;demo\n301;B;demo\n2 0;C;demo\n201;D;demo\n302;;demo\n303;E;nord\n304;F;demo:12\n305;G;demo:1:E!N\n",
    );
    const args = ["agent", "import", file, "--yes", "--out", out];
    const { code, stdout, stderr } = await hotline(real.home, args);
    assert.equal(code, 1);
    assert.equal(stderr, `hotline: 7 mistakes in ${file}; nothing was changed\n`);
    assert.deepEqual(stdout.replaceAll(`${file}:`, "").trim().split("\n"), [
      "3: agent 301 stands in line 2 already",
      "4: An agent's id is 1 to 32 letters, digits, - or _, for example 201",
      "5: agent 201 exists already; take the line out, or remove the agent: hotline agent remove 201",
      "6: A name is needed",
      '7: there is no hotline "nord"; there is: demo',
      "8: tier: at most 9",
      "9: skills: A skill is 1 to 32 letters, digits, - or _, for example en",
    ]);
    assert.equal(existsSync(out), false);
    assert.equal((await real.store.load()).agents.length, 3);
    const json = JSON.parse((await hotline(real.home, [...args, "--json"])).stdout);
    assert.deepEqual([json.ok, json.mistakes[0].line, json.mistakes.length], [false, 3, 7]);
  });

  test("a dry run asks nothing and changes nothing; stdin is read", async (t) => {
    const real = await startReal(t);
    const child = spawn(hotlineProgram, ["agent", "import", "-", "--dry-run"], {
      env: { ...process.env, HOTLINE_HOME: real.home },
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stdin.end("id;name;hotlines\n301;Jürgen;demo\n");
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.equal(stdout, "stdin is good: 1 agent would be added. Nothing was changed.\n");
    assert.equal(real.state.agents.size, 3);
  });

  test("a file for the passwords that is there already is left alone, and nobody is added", async (t) => {
    const real = await startReal(t);
    const file = join(real.home, "agents.csv");
    writeFileSync(file, "id;name;hotlines\n301;A;demo\n");
    const { code, stderr } = await hotline(real.home, ["agent", "import", file, "--yes", "--out", file]);
    assert.equal(code, 1);
    assert.match(stderr, /is there already and was left as it is/);
    assert.equal(real.state.agents.size, 3);
  });
});

suite("passwords once more", { concurrency: 4 }, () => {
  test("where phones can connect encrypted, all that is handed out says so", () => {
    const sip = { ...newAgent.sip, tls: { host: "sip.example.org", port: 5061 } };
    const agent = { id: "201", name: "Erika", sip };
    assert.match(sipFacts(sip), /\n {2}at home +sip\.example\.org, port 5061, transport tls, audio srtp$/);
    assert.match(
      sheetHtml([agent]),
      /Zu Hause [^<]*TLS[^<]*<\/th><td><code>sip\.example\.org, Port 5061, TLS<\/code>/,
    );
    assert.match(credentialsCsv([agent]), /;127\.0\.0\.1;5060;udp;sip\.example\.org;5061\n$/);
    assert.ok(!sheetHtml([{ ...agent, sip: newAgent.sip }]).includes("Zu Hause"));
  });

  test("agent show --show-secret shows it and leaves a trace without it", async (t) => {
    const real = await startReal(t);
    const added = JSON.parse(
      (await hotline(real.home, ["agent", "add", "301", "--name", "Erika", "--yes", "--json"])).stdout,
    );
    const plain = await hotline(real.home, ["agent", "show", "301", "--json"]);
    assert.ok(!plain.stdout.includes(added.sip.password));
    assert.ok(!real.logged.some((line) => line.includes("shown again")));
    const shown = await hotline(real.home, ["agent", "show", "301", "--show-secret", "--json"]);
    assert.deepEqual(JSON.parse(shown.stdout).sip, added.sip);
    const text = await hotline(real.home, ["agent", "show", "301", "--show-secret"]);
    assert.match(text.stdout, new RegExp(`password +${added.sip.password}\n`));
    const traces = real.logged.filter((line) => line.includes("shown again")).map((line) => JSON.parse(line));
    assert.deepEqual(
      traces.map(({ level, agents }) => [level, agents]),
      [
        [40, ["301"]],
        [40, ["301"]],
      ],
    );
    assert.ok(!real.logged.some((line) => line.includes(added.sip.password)));
  });

  test("sheets: a page for each agent, names escaped, in a file for this user only", async (t) => {
    const real = await startReal(t);
    const names = ["Erika <b>Muster</b>", "Jürgen & Söhne"];
    for (const [i, name] of names.entries())
      await hotline(real.home, ["agent", "add", `30${i}`, "--name", name, "--yes"]);
    const out = join(real.home, "sheets.html");
    const result = await hotline(real.home, ["agent", "sheet", "300", "301", "--show-secret", "--out", out]);
    assert.deepEqual(result, {
      code: 0,
      stdout: `2 pages in ${out}; open it in a browser and print it\n`,
      stderr: "",
    });
    assert.equal(modeOf(out), 0o600);
    const html = readFileSync(out, "utf8");
    assert.equal(html.match(/<section>/g)?.length, 2);
    assert.match(html, /Erika &lt;b&gt;Muster&lt;\/b&gt;/);
    assert.match(html, /Jürgen &amp; Söhne/);
    for (const code of ["*45", "*46", "*47"]) assert.ok(html.includes(code));
    for (const { agent, username, password } of (await real.store.load()).credentials) {
      assert.equal(html.includes(password), agent.startsWith("30"));
      assert.equal(html.includes(username), agent.startsWith("30"));
    }
    const unknown = await hotline(real.home, ["agent", "sheet", "999", "--show-secret"]);
    assert.deepEqual([unknown.code, unknown.stdout], [1, ""]);
    assert.match(unknown.stderr, /There is no agent "999"/);
  });

  test("a file that the shell has made is closed to others before a password is in it", async (t) => {
    const real = await startReal(t);
    await hotline(real.home, ["agent", "add", "301", "--name", "Erika", "--yes"]);
    const file = join(real.home, "out.html");
    const handle = openSync(file, "w");
    chmodSync(file, 0o644);
    const child = spawn(hotlineProgram, ["agent", "sheet", "301", "--show-secret"], {
      env: { ...process.env, HOTLINE_HOME: real.home },
      stdio: ["ignore", handle, "inherit"],
    });
    const [code] = await once(child, "close");
    closeSync(handle);
    assert.equal(code, 0);
    assert.equal(modeOf(file), 0o600);
    assert.match(readFileSync(file, "utf8"), /<h1>Erika<\/h1>/);
  });
});
