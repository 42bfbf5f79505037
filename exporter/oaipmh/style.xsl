<?xml version="1.0" encoding="UTF-8"?>
<!-- Shows an OAI-PMH answer as a page. No script, no inline style: a strict content security policy applies. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="http://www.openarchives.org/OAI/2.0/" exclude-result-prefixes="o">
<xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat"/>

<xsl:template match="/o:OAI-PMH">
<html lang="en">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>OAI-PMH: <xsl:value-of select="o:request/@verb"/></title>
<link rel="stylesheet" href="MOUNT/style.css"/>
</head>
<body>
<h1>OAI-PMH 2.0 <xsl:value-of select="o:request/@verb"/></h1>
<p>This address is meant for programs that harvest records. Below is what they get, as a page.</p>
<nav aria-label="Requests">
<a href="?verb=Identify">Identify</a>
<a href="?verb=ListMetadataFormats">Formats</a>
<a href="?verb=ListSets">Sets</a>
<a href="?verb=ListRecords&amp;metadataPrefix=oai_dc">Records</a>
<a href="?verb=ListIdentifiers&amp;metadataPrefix=oai_dc">Identifiers</a>
</nav>
<xsl:apply-templates select="o:error | o:Identify | o:ListMetadataFormats | o:ListSets | o:ListRecords | o:ListIdentifiers | o:GetRecord"/>
<p>Answered at <xsl:value-of select="o:responseDate"/>.</p>
</body>
</html>
</xsl:template>

<xsl:template match="o:error">
<p class="error"><strong><xsl:value-of select="@code"/></strong>: <xsl:value-of select="."/></p>
</xsl:template>

<xsl:template match="o:Identify">
<table><xsl:for-each select="*[not(self::o:description)]"><xsl:call-template name="row"/></xsl:for-each></table>
</xsl:template>

<xsl:template match="o:ListMetadataFormats">
<table><xsl:for-each select="o:metadataFormat">
<tr>
<th scope="row"><xsl:value-of select="o:metadataPrefix"/></th>
<td><a href="{o:schema}"><xsl:value-of select="o:metadataNamespace"/></a></td>
<td><a href="?verb=ListRecords&amp;metadataPrefix={o:metadataPrefix}">Records</a></td>
</tr>
</xsl:for-each></table>
</xsl:template>

<xsl:template match="o:ListSets">
<table><xsl:for-each select="o:set">
<tr>
<th scope="row"><xsl:value-of select="o:setSpec"/></th>
<td><xsl:value-of select="o:setName"/></td>
<td><a href="?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={o:setSpec}">Records</a></td>
</tr>
</xsl:for-each></table>
</xsl:template>

<xsl:template match="o:ListRecords | o:ListIdentifiers | o:GetRecord">
<xsl:apply-templates select="o:record | o:header | o:resumptionToken"/>
</xsl:template>

<xsl:template match="o:record">
<div class="record">
<xsl:apply-templates select="o:header"/>
<xsl:if test="o:metadata"><table><xsl:for-each select="o:metadata/*//*[not(*)]"><xsl:call-template name="row"/></xsl:for-each></table></xsl:if>
</div>
</xsl:template>

<xsl:template match="o:header">
<h2><a href="?verb=GetRecord&amp;metadataPrefix=oai_dc&amp;identifier={o:identifier}"><xsl:value-of select="o:identifier"/></a>
<xsl:if test="@status='deleted'"> (deleted)</xsl:if></h2>
<p><xsl:value-of select="o:datestamp"/>
<xsl:for-each select="o:setSpec"><xsl:text> </xsl:text><a href="?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={.}"><xsl:value-of select="."/></a></xsl:for-each></p>
</xsl:template>

<xsl:template match="o:resumptionToken">
<p><xsl:value-of select="@cursor"/> of <xsl:value-of select="@completeListSize"/> come before these.
<xsl:if test="string(.)"><xsl:text> </xsl:text><a href="?verb={name(..)}&amp;resumptionToken={.}">Go on</a></xsl:if></p>
</xsl:template>

<xsl:template name="row">
<tr><th scope="row"><xsl:value-of select="local-name()"/><xsl:if test="@xml:lang"> (<xsl:value-of select="@xml:lang"/>)</xsl:if></th><td><xsl:value-of select="."/></td></tr>
</xsl:template>
</xsl:stylesheet>
