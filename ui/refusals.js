// Gradio's client throws away what is said with a refused reading, and the panels show what is said.
const { fetch: fetchAny } = window;
window.fetch = async (...request) => {
  const answer = await fetchAny(...request);
  const isRefusal = answer.status === 429 || answer.status === 413 || answer.status === 503;
  const isOurs = isRefusal && answer.url.includes("/component_server/");
  return isOurs ? new Response(await answer.text(), { headers: { "Content-Type": "application/json" } }) : answer;
};
