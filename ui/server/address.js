// Behind a proxy the server may take its address for another one than the browser has. The page loads then, but all that
// it asks for goes elsewhere: it says so, and what to set.
{
  const withoutSlash = (url) => url.replace(/\/$/, "");
  const own = withoutSlash(location.origin + location.pathname);

  // Where Gradio asks. It takes the page's own protocol and port where the host is the same.
  const asked = (root) => {
    const url = new URL(root || "/", location.href);
    return withoutSlash((url.hostname === location.hostname ? location.origin : url.origin) + url.pathname);
  };

  const answersAt = async (root) => {
    try {
      const answer = await fetch(`${root}/config`);
      return answer.ok && (await answer.json()).title === window.gradio_config.title;
    } catch {
      return false; // nothing is there, or another site, which this page may not read
    }
  };

  const tell = (root) => {
    const isSameHost = root.startsWith(location.origin);
    const wanted = isSameHost ? withoutSlash(location.pathname) || "/" : own;
    const notice = document.createElement("p");
    notice.id = "not-here";
    notice.setAttribute("role", "alert");
    notice.style.cssText = "margin: 0; padding: 12px 16px; background: #b3261e; color: #fff; font: 16px/1.5 system-ui";
    notice.textContent =
      `This page cannot reach its server, and reads nothing. Tell whoever hosts it: the page is at ${own}, and the ` +
      `server takes its address for ${root}. Start it with GRADIO_ROOT_PATH=${wanted} (docs/hosting.md, "Behind a proxy").`;
    document.body.prepend(notice);
  };

  const root = window.gradio_config && asked(window.gradio_config.root);
  // Elsewhere, as in a page that shows the app in a frame of Gradio's own, the address is not this page's.
  if (root && root !== own && window.__gradio_mode__ === "app") {
    answersAt(root).then((isThere) => isThere || tell(root));
  }
}
