<?xml version="1.0" encoding="utf-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:atom="http://www.w3.org/2005/Atom"
    xmlns:dc="http://purl.org/dc/elements/1.1/" exclude-result-prefixes="atom dc">
  <xsl:output method="html" encoding="utf-8" doctype-system="about:legacy-compat"/>
  <xsl:template match="/">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title><xsl:value-of select="atom:feed/atom:title|rss/channel/title"/></title>
        <style>
          :root { color-scheme: light dark }
          body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem }
          .note { border: 1px solid #8888; border-radius: .5rem; padding: .5rem 1rem }
          article { border-top: 1px solid #8884; padding: .6rem 0 }
          h2 { font-size: 1.05rem; margin: 0 0 .2rem; overflow-wrap: anywhere }
          small { opacity: .75 }
        </style>
      </head>
      <body>
        <h1 dir="auto"><xsl:value-of select="atom:feed/atom:title|rss/channel/title"/></h1>
        <p class="note">This is a feed. Copy the address of this page into a feed reader to be told of what is new.
          <xsl:for-each select="atom:feed/atom:link[@rel='prev-archive']|rss/channel/atom:link[@rel='prev-archive']">
            <xsl:text> </xsl:text><a href="{@href}">Older</a>
          </xsl:for-each>
        </p>
        <xsl:for-each select="atom:feed/atom:entry">
          <article>
            <h2 dir="auto"><a rel="noreferrer" href="{atom:link[@rel='alternate']/@href}"><xsl:value-of select="atom:title"/></a></h2>
            <small dir="auto"><xsl:value-of select="atom:source/atom:title"/> · <xsl:value-of select="atom:published"/></small>
          </article>
        </xsl:for-each>
        <xsl:for-each select="rss/channel/item">
          <article>
            <h2 dir="auto"><a rel="noreferrer" href="{link}"><xsl:value-of select="title"/></a></h2>
            <small dir="auto"><xsl:value-of select="source"/> · <xsl:value-of select="pubDate"/></small>
          </article>
        </xsl:for-each>
      </body>
    </html>
  </xsl:template>
</xsl:stylesheet>
